import { serveEngine } from './serve_browser.ts';

serveEngine();
