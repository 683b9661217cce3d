import { readFile } from 'node:fs/promises';
import { initWasm, Resvg } from '@resvg/resvg-wasm';

let ready: Promise<void> | undefined;

/** The program is loaded with the first picture, once. */
function loaded(): Promise<void> {
  ready ??= readFile(require.resolve('@resvg/resvg-wasm/index_bg.wasm')).then(initWasm);
  ready.catch(() => {
    ready = undefined;
  });
  return ready;
}

/** Draws an SVG of shapes as a PNG of a width. It has no fonts: text in it would not be seen. */
export async function rasterised(svg: string, width: number): Promise<Buffer> {
  await loaded();
  const picture = new Resvg(svg, { fitTo: { mode: 'width', value: width }, background: '#ffffff' });
  // What WebAssembly holds no collector sees.
  try {
    const image = picture.render();
    try {
      return Buffer.from(image.asPng());
    } finally {
      image.free();
    }
  } finally {
    picture.free();
  }
}
