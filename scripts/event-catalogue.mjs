// Writes docs/events.md, the page of all events, from the catalogue of packages/events (built). With --check it writes
// nothing and exits with 1 where the page is not what the catalogue says.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(new URL('../packages/events/package.json', import.meta.url));
const { CATALOGUE, TOPICS } = require('./dist/index.js');
const { z } = require('zod');

const PAGE = fileURLToPath(new URL('../docs/events.md', import.meta.url));

const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

const WORDS = { string: 'text', integer: 'whole number', boolean: 'yes or no', null: 'null', object: 'object' };

function typeOf(schema) {
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' or ');
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(', ');
  if (schema.type === 'array') return `list of ${typeOf(schema.items)}`;
  if (schema.description) return schema.description;
  if (schema.type === 'string' && schema.minLength && schema.minLength === schema.maxLength)
    return `text of ${schema.maxLength}`;
  return [schema.type]
    .flat()
    .map((type) => WORDS[type])
    .join(' or ');
}

/** One row a field; the fields of an object inside follow it under its name. */
function rowsOf(schema, prefix = '') {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const inside = field.type === 'array' ? field.items : field;
    const path = `${prefix}${name}${field.type === 'array' && inside.properties ? '[]' : ''}`;
    return [`| \`${prefix}${name}\` | ${cell(typeOf(field))} |`, ...rowsOf(inside, `${path}.`)];
  });
}

function sectionOf(event) {
  const schema = z.toJSONSchema(event.data, { io: 'input' });
  return [
    `### ${event.type}`,
    '',
    event.describe,
    '',
    `Version ${event.version}, key \`${event.key}\`.`,
    '',
    '| Field | Type |',
    '|---|---|',
    ...rowsOf(schema),
    '',
  ];
}

function page() {
  const events = Object.values(CATALOGUE);
  const lines = [
    '# Events',
    '',
    '<!-- Written by `node scripts/event-catalogue.mjs` from packages/events. Edit the definitions there. -->',
    '',
    "Every event that crosses a service. CloudEvents 1.0 in Kafka's binary mode: attributes as headers (`ce_id`, `ce_type`,",
    '`ce_source`, `ce_time`, `ce_subject`, `ce_dataschema`), data as JSON. The key decides the partition, and with it the order.',
    'Nothing personal is in clear: sealed text opens with the key ring of the services and the id that the description names.',
    '',
    'Consumers keep an inbox: the same event again has no effect. A field is only ever added; what else changes is a new type.',
    '',
  ];
  for (const topic of Object.values(TOPICS)) {
    const own = events.filter((event) => event.topic === topic).sort((a, b) => a.type.localeCompare(b.type));
    lines.push(`## ${topic}`, '', ...own.flatMap(sectionOf));
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

const wanted = page();
if (!process.argv.includes('--check')) {
  writeFileSync(PAGE, wanted);
} else if (readFileSync(PAGE, 'utf8') !== wanted) {
  process.stderr.write('docs/events.md is not what packages/events says: run node scripts/event-catalogue.mjs\n');
  process.exitCode = 1;
}
