import { expect, test } from 'vitest';
import { mapOf } from './test_label_maps.ts';
import { toGeoJson, toSvg } from './vector.ts';

const labels = mapOf('011', '001');
const classes = [
  { id: 0, name: 'sky', color: '#0000ff' },
  { id: 1, name: 'a <b> & "c"', color: '#ff0000' },
  { id: 2, name: 'absent', color: '#00ff00' },
];
const touching = mapOf('1111', '1011', '1101', '1111');

test('GeoJSON has a feature per class that occurs, its rings closed', () => {
  const { features } = toGeoJson(labels, classes);
  expect(features.map(({ properties }) => properties.name)).toEqual(['sky', 'a <b> & "c"']);
  const [polygon] = features[1].geometry.coordinates;
  expect(polygon[0].at(0)).toEqual(polygon[0].at(-1));
  expect(polygon).toHaveLength(1);
});

test('holes that touch are rings of their own, in both', () => {
  const [feature] = toGeoJson(touching, classes.slice(1)).features;
  expect(feature.geometry.coordinates.map((rings) => rings.map(({ length }) => length))).toEqual([[5, 5, 5]]);
  expect(toSvg(touching, classes.slice(1)).match(/M[^M]*Z/g)).toHaveLength(3);
});

test('options reach the outlines of both', () => {
  const stairs = mapOf('1000', '1100', '1110', '1111');
  expect(toGeoJson(stairs, classes, { tolerance: 1 })).not.toEqual(toGeoJson(stairs, classes));
  expect(toSvg(stairs, classes, { tolerance: 1 })).not.toBe(toSvg(stairs, classes));
});

test('SVG has a path per class, and names that cannot be markup', () => {
  const svg = toSvg(labels, classes);
  expect(svg).toContain('viewBox="0 0 3 2"');
  expect(svg.match(/<path /g)).toHaveLength(2);
  expect(svg).toContain('<title>a &lt;b&gt; &amp; &quot;c&quot;</title>');
  expect(svg).toContain('fill="#0000ff"');
});
