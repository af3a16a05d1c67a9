import { encodePng, overlay, paletteOf } from '@atrous/mask';
import { readPicture, Segmenter, toRgba } from '@atrous/segmenter';

const loading = Segmenter.load('public/model');

/** A picture in, its classes in colour over it as a PNG out. */
export async function POST(request: Request): Promise<Response> {
  const segmenter = await loading;
  const { signal } = request;
  const picture = toRgba(await readPicture(await request.blob(), { signal }));
  const { labels, classes } = await segmenter.segment(picture, { signal });
  const png = encodePng(overlay(picture, labels, paletteOf(classes)));
  return new Response(new Uint8Array(png), { headers: { 'content-type': 'image/png' } });
}
