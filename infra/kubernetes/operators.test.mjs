import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { render } from '../checks/kustomize.mjs';
import { linterLack } from '../checks/linters.mjs';
import { checkOperators, OPERATORS_KINDS } from '../checks/operators.mjs';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
/** @param {string} folder @returns {Promise<any[]>} */
const objectsOf = async (folder) => parseAllDocuments(await render(path.join(FOLDER, folder))).map((document) => document.toJS());
const lack = await linterLack();

describe("the operators' objects", () => {
  for (const folder of ['.', 'restore']) {
    it(`of ${folder} say nothing that their kinds do not know, and all that they ask for`, { skip: lack }, async () => {
      const objects = await objectsOf(folder);
      const kinds = new Set(objects.map(({ kind }) => kind).filter((kind) => OPERATORS_KINDS.includes(kind)));
      // The restore leaves the alerts as they are.
      assert.equal(kinds.size, OPERATORS_KINDS.length - (folder === 'restore' ? 2 : 0), [...kinds].join());
      assert.deepEqual(await checkOperators(objects), []);
    });
  }

  for (const [kind, name, damage] of /** @type {[string, string, (object: any) => void][]} */ ([
    ['KafkaNodePool', 'nodes', ({ spec }) => { spec.template.container = spec.template.kafkaContainer; }],
    ['Kafka', 'events', ({ spec }) => { spec.entityOperator.template.pod.securityContext.runAsNonroot = true; }],
    ['Cluster', 'ledger', ({ spec }) => { spec.plugins[0].isWalArchiver = true; }],
    ['Cluster', 'platform', ({ spec }) => { spec.postgresql.parameters.archive_timeout = 30; }],
    ['ObjectStore', 'ledger', ({ spec }) => { spec.configuration.wal.encryption = 'aes256'; }],
    ['ScheduledBackup', 'ledger', ({ spec }) => { delete spec.cluster; }],
  ])) {
    it(`a ${kind} that is not so is refused: ${String(damage).replace(/^.*?=> \{ (.*); \}$/s, '$1')}`, { skip: lack }, async () => {
      const objects = (await objectsOf('.')).filter((object) => object.kind === kind && object.metadata.name === name);
      objects.forEach(damage);
      const problems = await checkOperators(objects);
      assert.equal(problems.length, 1);
      assert.match(problems[0] ?? '', new RegExp(`${kind}-${name}`));
    });
  }
});
