import {
  checkInThread, composeFitting, composeInThread, DoesNotCompose, type PartnerSource, type SubgraphSource, type SubgraphVerdict, TooHardToCompose,
} from '@tael/partner-graph';

interface Beside {
  readonly own: readonly SubgraphSource[];
  readonly partners: readonly PartnerSource[];
  readonly candidate: PartnerSource;
  /** Slugs of other banks, for ever. */
  readonly taken: readonly string[];
}

const THREAD = { check: checkInThread, compose: composeInThread };

/**
 * Checks a subgraph beside those that are live. A live one that does not fit into this release, or takes too long to compose, must not keep
 * others, nor its own mending, from being checked: it is left out of what the candidate is checked with, as gateways leave it out.
 */
export async function verdictBeside({ own, partners, candidate, taken }: Beside, { check, compose } = THREAD): Promise<SubgraphVerdict> {
  try {
    return await check({ own, partners, candidate, taken }).catch(async (error: unknown) => {
      const isTooHard = error instanceof TooHardToCompose;
      if (!isTooHard && !(error instanceof DoesNotCompose)) throw error;
      const { taken: fitting } = await composeFitting(partners.map((one) => [one] as const), (chosen) => compose(own, chosen));
      // All that are live are no trouble without it.
      if (isTooHard && fitting.length === partners.length) throw error;
      return check({ own, partners: fitting, candidate, taken });
    });
  } catch (error) {
    if (!(error instanceof TooHardToCompose)) throw error;
    return { ok: false, violations: [{ code: 'COMPOSITION', place: '', message: 'The schema takes too long to compose.' }] };
  }
}
