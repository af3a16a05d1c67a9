import { defineConfig } from 'vite';

export default defineConfig({
  worker: { format: 'es' }, // workers fetch their parts when they need them
});
