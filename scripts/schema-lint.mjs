#!/usr/bin/env node
// Lints the schema that clients see, by the schema and Relay rules of graphql-eslint: node scripts/schema-lint.mjs [file].
// Without a file the composed graph is linted. Exits with 1 where there is a problem.
import { ESLint } from 'eslint';
import { printSchema } from 'graphql';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { apiSchema } from './compose/composition.mjs';
import { schemaRules } from './schema-lint/rules.mjs';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** @param {string | undefined} file */
function schemaOf(file) {
  if (file) return fs.readFileSync(file, 'utf8');
  return printSchema(apiSchema(fs.readFileSync(path.join(ROOT, 'supergraph.graphql'), 'utf8')));
}

/**
 * @param {string} schema
 * @returns {Promise<string[]>} one line a problem
 */
async function lint(schema) {
  const eslint = new ESLint({ cwd: ROOT, overrideConfigFile: true, overrideConfig: schemaRules(schema) });
  const results = await eslint.lintText(schema, { filePath: path.join(ROOT, 'api.graphql') });
  return results.flatMap(({ messages }) =>
    messages.map(({ line, ruleId, message }) => `api.graphql:${line}  ${ruleId ?? 'parser'}  ${message}`),
  );
}

const problems = await lint(schemaOf(process.argv[2]));
process.stdout.write([...problems, problems.length ? `${problems.length} problems` : 'no problems', ''].join('\n'));
process.exitCode = problems.length ? 1 : 0;
