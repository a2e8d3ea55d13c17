// @ts-check
import { bootstrap } from './lib/bootstrap.mjs';

await bootstrap('scripts/backup/restoreMain.mjs');
