import { conformance } from '@atrous/conformance';
import { referenceRuntime } from './evaluate.ts';

conformance(referenceRuntime);
