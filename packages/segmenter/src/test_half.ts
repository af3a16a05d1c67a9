/** One row of RGBA pixels in float16, as a canvas of wide range gives them. */
export function halfImageData(values: readonly number[]): ImageData {
  const settings = { pixelFormat: 'rgba-float16' } as ImageDataSettings; // newer than its type
  const picture = new ImageData(values.length / 4, 1, settings);
  (picture.data as unknown as Float32Array).set(values);
  return picture;
}
