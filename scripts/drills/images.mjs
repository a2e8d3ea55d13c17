// @ts-check
import { bootstrap } from '../lib/bootstrap.mjs';

await bootstrap('scripts/drills/images/main.mjs');
