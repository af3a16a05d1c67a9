/** Writes the pages that are made of other files. */
import { writeApi } from './api.ts';
import { writeReference } from './reference.ts';

await Promise.all([writeApi(), writeReference()]);
