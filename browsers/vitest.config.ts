import { defaultServerConditions } from 'vite';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

const conditions = ['@atrous/source', ...defaultServerConditions];

const config: ViteUserConfig = defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    name: 'browsers',
    root: import.meta.dirname,
    environment: 'node',
    include: ['tests/*.test.ts'],
    globalSetup: ['tests/build_pages.ts'],
    execArgv: ['--conditions=@atrous/source'],
    testTimeout: 400_000,
    hookTimeout: 180_000,
    fileParallelism: false,
  },
});

export default config;
