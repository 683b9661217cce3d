/**
 * @typedef {{ name: string, args: string[] | string, line: number, flags: Record<string, string> }} Instruction
 * @typedef {{ name: string, from: string, instructions: Instruction[] }} Stage
 */

/**
 * Reads a Dockerfile as far as ours goes: stages, flags, line continuations, the JSON and the shell form.
 * @param {string} text
 * @returns {Stage[]}
 */
export function parseDockerfile(text) {
  /** @type {Stage[]} */
  const stages = [];
  for (const { content, line } of logicalLines(text)) {
    const [, name = '', rest = ''] = /^(\w+)\s+(.*)$/s.exec(content) ?? [];
    if (name === 'FROM') {
      const [, from = '', alias] = /^(\S+)(?:\s+AS\s+(\S+))?$/i.exec(rest) ?? [];
      stages.push({ name: alias ?? String(stages.length), from, instructions: [] });
    } else {
      const stage = stages.at(-1);
      if (!stage) throw new Error(`line ${line}: ${name} before the first FROM`);
      stage.instructions.push({ name, line, ...argumentsOf(rest) });
    }
  }
  return stages;
}

/** @param {string} text */
function* logicalLines(text) {
  let content = '';
  let begin = 0;
  for (const [index, raw] of text.split('\n').entries()) {
    if (/^\s*(#|$)/.test(raw)) continue;
    if (!content) begin = index + 1;
    content += raw.trim();
    if (content.endsWith('\\')) {
      content = content.slice(0, -1);
    } else {
      yield { content, line: begin };
      content = '';
    }
  }
}

/** @param {string} rest */
function argumentsOf(rest) {
  /** @type {Record<string, string>} */
  const flags = {};
  const plain = rest.replace(/^(--[a-z-]+(=\S+)?\s+)+/, (all) => {
    for (const [, name = '', value = ''] of all.matchAll(/--([a-z-]+)(?:=(\S+))?/g)) flags[name] = value;
    return '';
  });
  return { args: plain.startsWith('[') ? /** @type {string[]} */ (JSON.parse(plain)) : plain, flags };
}

/**
 * Puts build arguments and variables into a text, as a builder does.
 * @param {string} text
 * @param {Record<string, string>} values
 */
export function substitute(text, values) {
  return text.replaceAll(/\$\{?(\w+)\}?/g, (whole, name) => values[name] ?? whole);
}
