// @ts-check
import { bootstrap } from './lib/bootstrap.mjs';
import { checkBeforeStart } from './stack/checkBeforeStart.mjs';

await bootstrap('scripts/stack/start.mjs', { check: checkBeforeStart });
