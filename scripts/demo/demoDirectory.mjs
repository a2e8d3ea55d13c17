// @ts-check
import path from 'node:path';
import { dataDirectory } from '../lib/paths.mjs';

/** Key and state of the demo's traffic generator. */
export const demoDirectory = path.join(dataDirectory, 'demo');
