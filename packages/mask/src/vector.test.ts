import { expect, test } from 'vitest';
import type { LabelMap } from './label_map.ts';
import { toGeoJson, toSvg } from './vector.ts';

const labels: LabelMap = { height: 2, width: 3, data: Uint8Array.of(0, 1, 1, 0, 0, 1) };
const classes = [
  { id: 0, name: 'sky', color: '#0000ff' },
  { id: 1, name: 'a <b> & "c"', color: '#ff0000' },
  { id: 2, name: 'absent', color: '#00ff00' },
];

test('GeoJSON has a feature per class that occurs, its rings closed', () => {
  const { features } = toGeoJson(labels, classes);
  expect(features.map(({ properties }) => properties.name)).toEqual(['sky', 'a <b> & "c"']);
  const [polygon] = features[1].geometry.coordinates;
  expect(polygon[0].at(0)).toEqual(polygon[0].at(-1));
  expect(polygon).toHaveLength(1);
});

test('SVG has a path per class, and names that cannot be markup', () => {
  const svg = toSvg(labels, classes);
  expect(svg).toContain('viewBox="0 0 3 2"');
  expect(svg.match(/<path /g)).toHaveLength(2);
  expect(svg).toContain('<title>a &lt;b&gt; &amp; &quot;c&quot;</title>');
  expect(svg).toContain('fill="#0000ff"');
});
