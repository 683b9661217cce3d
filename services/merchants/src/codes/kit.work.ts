import { drawnName } from './lettering';
import { drawPdf, drawPng, drawSvg, type Poster } from './promotion-kit';

/** A code as pictures: SVG as text, PNG and PDF in base64. */
export interface Drawn {
  readonly svg: string;
  readonly png: string;
  readonly pdf: string;
  /** The name as PNG and PDF show it; undefined where they show none. */
  readonly printedName: string | undefined;
}

/** Draws everything of a kit. It computes all the while: {@link drawInThread} is for whoever has others to answer. */
export async function drawKit(poster: Poster): Promise<Drawn> {
  const [svg, png, pdf, printedName] = await Promise.all([drawSvg(poster), drawPng(poster), drawPdf(poster), drawnName(poster.name)]);
  return { svg, png: png.toString('base64'), pdf: pdf.toString('base64'), printedName };
}
