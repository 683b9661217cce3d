import { type ConstDirectiveNode, type DocumentNode, type FieldDefinitionNode, Kind, type SchemaDefinitionNode, type SchemaExtensionNode, type ValueNode } from 'graphql';
import { directivesOf, isObject, type Placed, textArgument, type TypeNode, typesOf } from './definitions';
import type { GraphPolicy, Names, Violation } from './policy';

/** What a schema may import of federation's own directives. */
const IMPORTS = ['@key', '@external', '@shareable', '@override'];
const FEDERATION = /^https:\/\/specs\.apollo\.dev\/federation\/v2\.[0-9]{1,2}$/;
/** What may stand on a type or field; of federation's own, those with rules of their own below. */
const DIRECTIVES = ['deprecated', 'specifiedBy', 'oneOf', 'key', 'external', 'shareable', 'override'];
const ROOTS = ['Query', 'Mutation', 'Subscription'];

/** What the rules look at. */
export interface Looked {
  readonly document: DocumentNode;
  readonly names: Names;
  readonly policy: GraphPolicy;
}

/** Every rule that needs no more than the bank's own schema. */
export function sdlViolations(looked: Looked): Violation[] {
  return [
    ...links(looked.document), ...definitions(looked), ...directives(looked), ...roots(looked), ...types(looked), ...ownKeys(looked), ...ours(looked),
  ];
}

const isSchema = (node: { kind: string }): node is SchemaDefinitionNode | SchemaExtensionNode =>
  node.kind === Kind.SCHEMA_DEFINITION || node.kind === Kind.SCHEMA_EXTENSION;

function importsOf(link: ConstDirectiveNode): readonly ValueNode[] {
  const value = link.arguments?.find(({ name }) => name.value === 'import')?.value;
  return value?.kind === Kind.LIST ? value.values : [];
}

/** A schema links federation 2 and nothing else: what other specifications mean, nobody here has read. */
function links({ definitions: nodes }: DocumentNode): Violation[] {
  const schemas = nodes.filter(isSchema);
  const found = schemas.flatMap(({ directives: given }) => given ?? []);
  const violations: Violation[] = schemas
    .filter(({ operationTypes }) => (operationTypes ?? []).length > 0)
    .map(() => ({ code: 'LINK', place: 'schema', message: 'The root types are named Query alone; leave `schema { … }` out and use `extend schema`.' }));
  for (const link of found) {
    const url = textArgument(link, 'url');
    if (link.name.value !== 'link' || url === undefined || !FEDERATION.test(url)) {
      violations.push({ code: 'LINK', place: 'schema', message: 'Link federation 2 alone: @link(url: "https://specs.apollo.dev/federation/v2.…", import: ["@key"]).' });
      continue;
    }
    // An alias would take a directive past the rules about it.
    const refused = importsOf(link).filter((name) => name.kind !== Kind.STRING || !IMPORTS.includes(name.value));
    const renamed = link.arguments?.some(({ name }) => name.value === 'as') ?? false;
    if (refused.length > 0 || renamed) {
      violations.push({ code: 'LINK', place: 'schema', message: `Of federation only ${IMPORTS.join(', ')} may be imported, under their own names.` });
    }
  }
  if (found.length !== 1 && violations.length === 0) {
    violations.push({ code: 'LINK', place: 'schema', message: 'Say once that this is a federation 2 schema: extend schema @link(url: …, import: ["@key"]).' });
  }
  return violations;
}

function definitions({ document, policy }: Looked): Violation[] {
  const own = document.definitions.filter(({ kind }) => kind === Kind.DIRECTIVE_DEFINITION);
  const strange = document.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION || kind === Kind.FRAGMENT_DEFINITION);
  const count = new Set(typesOf(document).map(({ name }) => name.value)).size;
  return [
    ...own.map((node): Violation => ({
      code: 'DIRECTIVE', place: node.kind === Kind.DIRECTIVE_DEFINITION ? `@${node.name.value}` : '', message: 'A subgraph defines no directives.',
    })),
    ...strange.map((): Violation => ({ code: 'SYNTAX', place: '', message: 'A schema has no operations.' })),
    ...(count > policy.typesMax
      ? [{ code: 'TOO_MANY_TYPES', place: '', message: `There are ${count} types; ${policy.typesMax} are allowed.` } as const]
      : []),
  ];
}

function directives({ document, names }: Looked): Violation[] {
  return directivesOf(document).flatMap(({ node, place }): Violation[] => {
    const name = node.name.value;
    if (name === 'override') return [{ code: 'OVERRIDE', place, message: 'A bank takes no field over from another subgraph.' }];
    if (name === 'shareable' && !place.startsWith(names.type)) {
      return [{ code: 'SHAREABLE', place, message: 'What others own is not shared. Give the field a name of yours.' }];
    }
    return DIRECTIVES.includes(name) ? [] : [{ code: 'DIRECTIVE', place, message: `@${name} is not allowed. Allowed: ${DIRECTIVES.map((known) => `@${known}`).join(', ')}.` }];
  });
}

/** One root field, named after the bank, that may be null: so its outage is a null in one place. */
function roots({ document, names }: Looked): Violation[] {
  return typesOf(document).filter(({ name }) => ROOTS.includes(name.value)).flatMap((type): Violation[] => {
    const root = type.name.value;
    if (root !== 'Query') return [{ code: 'ROOT_OPERATION', place: root, message: `A bank has no ${root.toLowerCase()}s here. It changes nothing through the graph.` }];
    if (!isObject(type)) return [];
    return (type.fields ?? []).flatMap((field): Violation[] => {
      const place = `Query.${field.name.value}`;
      if (field.name.value !== names.slug) return [{ code: 'ROOT_FIELD', place, message: `The only root field is \`${names.slug}\`; put this below it.` }];
      return field.type.kind === Kind.NAMED_TYPE && field.type.name.value.startsWith(names.type)
        ? []
        : [{ code: 'ROOT_FIELD', place, message: `\`${names.slug}\` gives one nullable object of a type of yours, such as ${names.type}.` }];
    });
  });
}

const isOwn = ({ name }: TypeNode, names: Names): boolean => name.value.startsWith(names.type);

function types({ document, names, policy }: Looked): Violation[] {
  return typesOf(document).flatMap((type): Violation[] => {
    const name = type.name.value;
    if (isOwn(type, names) || ROOTS.includes(name) || policy.extendable.includes(name)) return [];
    if (type.kind === Kind.SCALAR_TYPE_DEFINITION && policy.scalars.includes(name)) return [];
    return isObject(type) && type.directives?.some((directive) => directive.name.value === 'key')
      ? [{ code: 'TYPE_NOT_EXTENDABLE', place: name, message: `Fields may be added to ${policy.extendable.join(', ')} alone.` }]
      : [{ code: 'TYPE_NAME', place: name, message: `Names of your types begin with ${names.type}.` }];
  });
}

/** Types of the bank's own are known by an id too: a key stands in questions, traces and logs, where a mail address or a number has no business. */
function ownKeys({ document, names }: Looked): Violation[] {
  return typesOf(document).filter((type) => isOwn(type, names)).flatMap((type): Violation[] => {
    const keys = (type.directives ?? []).filter((directive) => directive.name.value === 'key');
    return keys.every((key) => textArgument(key, 'fields')?.trim() === 'id')
      ? []
      : [{ code: 'KEY', place: type.name.value, message: 'A type is known by @key(fields: "id") alone, and an id says nothing of a person.' }];
  });
}

/** The types of ours: by their reference alone, with fields that carry the bank's name and may be null. */
function ours(looked: Looked): Violation[] {
  const { document, names, policy } = looked;
  return typesOf(document)
    .filter(({ name }) => policy.extendable.includes(name.value))
    .flatMap((type): Violation[] => {
      const name = type.name.value;
      if (!isObject(type)) return [{ code: 'TYPE_NOT_EXTENDABLE', place: name, message: `${name} is an object.` }];
      const keys = (type.directives ?? []).filter((directive) => directive.name.value === 'key');
      const interfaces = (type.interfaces ?? []).map((face): Violation => ({
        code: 'TYPE_NOT_EXTENDABLE', place: name, message: `${name} cannot be made a ${face.name.value}.`,
      }));
      return [...interfaces, ...keyViolations(keys.map((node) => ({ node, place: name }))), ...(type.fields ?? []).flatMap((field): Violation[] => {
        const place = `${name}.${field.name.value}`;
        const external = field.directives?.some((directive) => directive.name.value === 'external') ?? false;
        if (field.name.value === 'id') return isReference(field) ? [] : [{ code: 'KEY', place, message: 'The reference is `id: ID!`.' }];
        if (external) return [{ code: 'KEY', place, message: 'Nothing of ours but `id` is sent to a bank.' }];
        return [
          ...(field.name.value.startsWith(names.slug) ? [] : [{ code: 'FIELD_NAME', place, message: `Fields that you add to ${name} begin with \`${names.slug}\`.` } as const]),
          ...(field.type.kind === Kind.NON_NULL_TYPE ? [{ code: 'FIELD_NOT_NULLABLE', place, message: 'A field on a type of ours may be null: while you are away, it is.' } as const] : []),
        ];
      })];
    });
}

function isReference({ type, arguments: given }: FieldDefinitionNode): boolean {
  const inner = type.kind === Kind.NON_NULL_TYPE ? type.type : undefined;
  return inner?.kind === Kind.NAMED_TYPE && inner.name.value === 'ID' && (given ?? []).length === 0;
}

function keyViolations(keys: readonly Placed<ConstDirectiveNode>[]): Violation[] {
  const wrong = keys.filter(({ node }) => textArgument(node, 'fields')?.trim() !== 'id');
  const place = keys[0]?.place ?? '';
  return wrong.length > 0 || keys.length > 1 ? [{ code: 'KEY', place, message: 'An entity of ours is known to a bank by @key(fields: "id") alone.' }] : [];
}
