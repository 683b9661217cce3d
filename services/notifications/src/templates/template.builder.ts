import type { MessageClass } from '../messages/gate.domain';
import type { Channel } from '../preferences/preferences.domain';

export interface TemplateText {
  /** ICU MessageFormat; at most 50 characters when written out. */
  readonly title: string;
  /** ICU MessageFormat; at most 150 characters when written out. */
  readonly body: string;
}

/** A message's wording. A change of wording raises the version, which is kept with every message. */
export interface Template {
  readonly version: number;
  readonly class: MessageClass;
  /** What the API calls the subject. */
  readonly topic: string;
  readonly channels: readonly Channel[];
  readonly texts: Readonly<Record<TemplateLocale, TemplateText>>;
}

export const TEMPLATE_LOCALES = ['en', 'zh-CN'] as const;
export type TemplateLocale = (typeof TEMPLATE_LOCALES)[number];

export const RECEIPT: readonly Channel[] = ['IN_APP', 'PUSH', 'EMAIL'];
export const ALARM: readonly Channel[] = ['IN_APP', 'PUSH', 'EMAIL', 'SMS'];
/** For who cannot come in, and must prove whose mail it is. */
export const MAIL_ALONE: readonly Channel[] = ['EMAIL'];

/** Makes a template of its texts. */
export const template = (
  kind: Pick<Template, 'class' | 'topic'> & { channels?: readonly Channel[] },
  en: readonly [title: string, body: string],
  zh: readonly [title: string, body: string],
): Template => ({
  version: 1,
  class: kind.class,
  topic: kind.topic,
  channels: kind.channels ?? RECEIPT,
  texts: { en: { title: en[0], body: en[1] }, 'zh-CN': { title: zh[0], body: zh[1] } },
});
