#!/usr/bin/env node
// Checks that every field and id of the composed graph has its line in supergraph.ownership.json, and no line is left over:
// node scripts/ownership.mjs [supergraph] [rules]. Exits with 1 where one is missing.
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { problemsOf } from './ownership/rules.mjs';
import { ROOT } from './stack/settings.mjs';

const [graph = path.join(ROOT, 'supergraph.graphql'), rules = path.join(ROOT, 'supergraph.ownership.json')] =
  process.argv.slice(2);
const problems = problemsOf(fs.readFileSync(graph, 'utf8'), JSON.parse(fs.readFileSync(rules, 'utf8')));
process.stdout.write(
  problems.length
    ? `${problems.join('\n')}\n${problems.length} problems\n`
    : 'every field, operation and id has its rule\n',
);
process.exitCode = problems.length ? 1 : 0;
