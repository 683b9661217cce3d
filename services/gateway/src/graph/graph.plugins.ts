import type { GatewayPlugin } from '@graphql-hive/gateway-runtime';
import { GraphQLError, NoSchemaIntrospectionCustomRule, parse } from 'graphql';
import { DOCUMENT_LENGTH_MAX, DocumentLimitsRule, TOKENS_MAX } from './document.rules';

/** How far one request came: what is refused before it runs is answered otherwise than what failed while it ran. */
export interface Progress {
  executed: boolean;
}

/** Bounds every document before anything is spent on it; the runtime remembers what was parsed and validated. */
export function limitDocuments(options: { introspection: boolean }): GatewayPlugin {
  return {
    onParse({ params, setParseFn }) {
      const text = params.source.toString();
      if (text.length > DOCUMENT_LENGTH_MAX) {
        throw new GraphQLError(`The document is longer than ${DOCUMENT_LENGTH_MAX} characters.`, {
          extensions: { code: 'GRAPHQL_PARSE_FAILED' },
        });
      }
      setParseFn((source, settings) => parse(source, { ...settings, maxTokens: TOKENS_MAX }));
    },
    onValidate({ addValidationRule }) {
      addValidationRule(DocumentLimitsRule);
      if (!options.introspection) addValidationRule(NoSchemaIntrospectionCustomRule);
    },
  };
}

/** Marks in {@link Progress} that an operation was accepted and runs. */
export function trackProgress(): GatewayPlugin {
  const mark = (contextValue: unknown): void => {
    const progress = (contextValue as { progress?: Progress } | undefined)?.progress;
    if (progress) progress.executed = true;
  };
  return {
    onExecute: ({ args }) => mark(args.contextValue),
    onSubscribe: ({ args }) => mark(args.contextValue),
  };
}
