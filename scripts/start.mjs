import { bootstrap } from './lib/bootstrap.mjs';

await bootstrap('scripts/stack/start.mjs');
