import { toUserErrors } from '@tael/graphql';
import type { Identity } from '@tael/platform/identity';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { consentEnd } from '../consents/consent.domain';
import type { Outcome, Refused } from '../outcomes/outcome.domain';
import { PasswordsBusy } from '../people/password.service';
import type { PersonService } from '../people/person.service';
import type { WalletService } from '../wallets/wallet.service';
import type { ConsentDialogService, ConsentRequest, PageSignIn } from './consent-dialog.service';
import { type ConsentCookies, consentCookies } from './consent-cookies';
import { pageTexts } from './consent-page.texts';
import { codePage, consentPage, leavingPage, overPage, type Page, type PageRequest, signInPage } from './consent-page.view';
import { INTERACTION_SECONDS } from './person-authorization.configuration';

export interface ConsentPageParts {
  readonly dialogs: ConsentDialogService;
  readonly people: PersonService;
  readonly wallets: WalletService;
  readonly now: () => Date;
}

/** What a request to the page is, once it is known to be for one. */
interface Visit {
  readonly asked: ConsentRequest;
  readonly shown: PageRequest;
  readonly asker: Identity;
  readonly form: URLSearchParams;
  readonly secret: string | undefined;
  readonly reply: FastifyReply;
}

/** Gives a cookie; undefined where it is not there, or there twice: one of them is not ours. */
function cookieOf({ headers }: FastifyRequest, name: string): string | undefined {
  const found = (headers.cookie ?? '').split(/; */).filter((pair) => pair.startsWith(`${name}=`));
  return found.length === 1 ? found[0]!.slice(name.length + 1) : undefined;
}

const send = (reply: FastifyReply, page: Page, status = 200): FastifyReply => reply.code(status).headers(page.headers).send(page.html);
const goTo = (reply: FastifyReply, address: string): FastifyReply => reply.header('cache-control', 'no-store').redirect(address, 303);
const said = ({ refusals }: Refused, locale: string): string => toUserErrors(refusals, locale)[0]!.message;

/** Serves the page that asks a person, behind the guard of the authorization server's door. */
export class ConsentPageRoute {
  /** Where the page is, as the outside sees it. */
  private readonly base: string;
  private readonly cookies: ConsentCookies;

  constructor(private readonly parts: ConsentPageParts, private readonly issuer: string) {
    this.base = `${new URL(issuer).pathname.replace(/\/$/, '')}/consent`;
    this.cookies = consentCookies(issuer);
  }

  serve(door: FastifyInstance, path: string): void {
    const handle = (request: FastifyRequest, reply: FastifyReply) => this.answer(request, reply);
    door.get(`${path}/:uid`, handle);
    door.post(`${path}/:uid`, handle);
  }

  private async answer(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { uid } = request.params as { uid: string };
    const asker = request.asker!;
    // The browser that began, and no other: who was sent the address of the page alone has not this cookie.
    const asked = cookieOf(request, this.cookies.names.interaction) === uid ? await this.parts.dialogs.find(uid) : undefined;
    if (!asked) return send(reply, overPage(asker.locale), 410);
    const { partnerName, scopes, days, redirectUri } = asked;
    const shown = { partnerName, scopes, days, redirectUri, until: consentEnd(this.parts.now(), days) };
    const form = new URLSearchParams(typeof request.body === 'string' ? request.body : '');
    const visit: Visit = { asked, shown, asker, form, secret: cookieOf(request, this.cookies.names.secret), reply };
    if (request.method === 'GET') return this.show(visit);
    try {
      return await this.step(visit);
    } catch (error) {
      if (!(error instanceof PasswordsBusy)) throw error;
      return send(reply, signInPage(asker.locale, shown, { problem: pageTexts(asker.locale).busy }), 503);
    }
  }

  private async show(visit: Visit, problem?: string): Promise<FastifyReply> {
    const { asked, shown, asker, form, secret, reply } = visit;
    const personId = await this.parts.dialogs.signedIn(asked, secret);
    if (personId === undefined) return send(reply, signInPage(asker.locale, shown, { problem }), problem === undefined ? 200 : 422);
    const [[person], wallets] = await Promise.all([this.parts.people.byIds([personId]), this.parts.wallets.ofPeople([personId])]);
    const { displayName, timeZone } = person!;
    return send(reply, consentPage(asker.locale, shown, { displayName, timeZone, wallets, chosen: form.getAll('wallet'), problem }), problem === undefined ? 200 : 422);
  }

  private async step(visit: Visit): Promise<FastifyReply> {
    const { asked, shown, asker, form, secret, reply } = visit;
    const { dialogs } = this.parts;
    const leave = () => send(reply, leavingPage(asker.locale, shown, asked.returnTo));
    switch (form.get('step')) {
      case 'refuse':
        await dialogs.refuse(asked);
        return leave();
      case 'allow': {
        const walletIds = form.getAll('wallet');
        if (walletIds.length === 0) return this.show(visit, pageTexts(asker.locale).noWallet);
        const done = await dialogs.allow(asked, { secret, walletIds }, asker.traceparent);
        return done.ok ? leave() : this.show(visit, said(done, asker.locale));
      }
      case 'code': {
        const challenge = form.get('challenge') ?? '';
        return this.signIn(visit, await dialogs.complete(asked, { challengeToken: challenge, code: form.get('code') ?? '' }, asker), challenge);
      }
      case 'sign-in': {
        const credentials = { email: form.get('email') ?? '', password: form.get('password') ?? '' };
        return this.signIn(visit, await dialogs.signIn(asked, credentials, asker));
      }
      default:
        return this.show(visit);
    }
  }

  private signIn({ asked, shown, asker, form, reply }: Visit, done: Outcome<PageSignIn>, challenge?: string): FastifyReply {
    if (!done.ok) {
      const problem = said(done, asker.locale);
      const page = challenge === undefined
        ? signInPage(asker.locale, shown, { email: form.get('email') ?? undefined, problem })
        : codePage(asker.locale, shown, { challenge, problem });
      return send(reply, page, 422);
    }
    if ('challenge' in done) return send(reply, codePage(asker.locale, shown, { challenge: done.challenge }));
    const path = `${this.base}/${asked.uid}`;
    const { secure, names } = this.cookies;
    void reply.header('set-cookie', `${names.secret}=${done.secret}; Path=${path}; Max-Age=${INTERACTION_SECONDS}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`);
    return goTo(reply, `${new URL(this.issuer).origin}${path}`);
  }
}
