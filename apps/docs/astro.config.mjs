import starlight from '@astrojs/starlight';
import { defineConfig } from 'astro/config';

/** Our packages are read as they are written: nothing is built before. */
const conditions = ['@atrous/source', 'module', 'node', 'import', 'default'];

export default defineConfig({
  outDir: './dist',
  cacheDir: './.generated/cache',
  telemetry: false,
  devToolbar: { enabled: false },
  vite: {
    resolve: { noExternal: [/^@atrous\//] },
    // a native module: it is loaded, not bundled
    ssr: { external: ['satteri'], resolve: { conditions } },
    environments: { prerender: { resolve: { conditions, external: ['satteri'] } } },
  },
  integrations: [
    starlight({
      title: 'Atrous',
      description: 'Xception encoders and DeepLab decoders for the web',
      favicon: '/icon.svg',
      logo: { src: './public/icon.svg' },
      customCss: ['@fontsource-variable/inter', './src/styles/site.css'],
      lastUpdated: false,
      credits: false,
      tableOfContents: { minHeadingLevel: 2, maxHeadingLevel: 3 },
      sidebar: [
        {
          label: 'Start',
          items: ['start', 'models'],
        },
        {
          label: 'How to',
          items: [
            'guides/cut-outs',
            'guides/camera-to-canvas',
            'guides/workers-and-video',
            'guides/many-pictures',
            'guides/large-pictures',
            'guides/video',
            'guides/server',
            'guides/fleet',
            'guides/masks-as-data',
            'guides/scores',
            'guides/encoder',
            'guides/checkpoints',
            'guides/fine-tune',
            'guides/runtimes',
            'guides/export',
            'guides/networks',
          ],
        },
        { label: 'Xception, drawn', link: '/xception/' },
        {
          label: 'Reference',
          items: [
            'reference/command',
            'reference/support',
            'reference/networks',
            'reference/sources',
            'benchmarks',
            { label: 'Packages', collapsed: true, items: [{ autogenerate: { directory: 'api' } }] },
          ],
        },
      ],
    }),
  ],
});
