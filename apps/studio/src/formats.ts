/** What can be saved: what it is called, its file's ending and type. */
export const formats = {
  overlay: { title: 'Overlay', detail: 'PNG', suffix: '.overlay.png', type: 'image/png' },
  mask: { title: 'Mask', detail: 'indexed PNG', suffix: '.mask.png', type: 'image/png' },
  cutout: { title: 'Cut-out', detail: 'PNG with alpha', suffix: '.cutout.png', type: 'image/png' },
  view: { title: 'As shown', detail: 'PNG of all of it', suffix: '.view.png', type: 'image/png' },
  geojson: { title: 'Polygons', detail: 'GeoJSON', suffix: '.geojson', type: 'application/geo+json' },
  svg: { title: 'Polygons', detail: 'SVG', suffix: '.svg', type: 'image/svg+xml' },
  coco: { title: 'Run lengths', detail: 'COCO RLE JSON', suffix: '.coco.json', type: 'application/json' },
  csv: { title: 'Shares', detail: 'CSV', suffix: '.shares.csv', type: 'text/csv' },
} as const;
export type Format = keyof typeof formats;
