// @ts-check
import path from 'node:path';
import { fail, green, UserError } from '../lib/output.mjs';
import { dataDirectory } from '../lib/paths.mjs';
import { loadSecrets } from '../lib/secrets.mjs';
import { readSettings } from '../stack/settings.mjs';
import { backUp } from './backUp.mjs';

/**
 * Copies database, artifacts, Git and secrets, while Greenroom runs or not:
 *
 *     npm run backup -- FOLDER
 */
async function main() {
  const [folder, ...rest] = process.argv.slice(2);
  if (!folder || rest.length > 0) {
    throw new UserError(
      'Name the folder that the backup is to be: npm run backup -- ../greenroom-backup',
    );
  }
  const target = path.resolve(folder);
  const { files, bytes } = await backUp({
    dataDirectory,
    target,
    databaseUrl: readSettings().databaseUrl,
    password: loadSecrets().database,
  });
  console.log(
    `\n${green('Backed up')} ${files} files, ${(bytes / 2 ** 20).toFixed(
      0,
    )} MiB, in ${target}\nIt holds secrets: keep it where those belong.`,
  );
}

main().catch(fail);
