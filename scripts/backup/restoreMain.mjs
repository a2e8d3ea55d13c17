// @ts-check
import path from 'node:path';
import { fail, green, UserError } from '../lib/output.mjs';
import { dataDirectory } from '../lib/paths.mjs';
import { readSettings } from '../stack/settings.mjs';
import { restore } from './restore.mjs';

/**
 * Puts a backup in the place of data that are lost:
 *
 *     npm run restore -- FOLDER
 */
async function main() {
  const [folder, ...rest] = process.argv.slice(2);
  if (!folder || rest.length > 0) {
    throw new UserError(
      'Name the folder of the backup: npm run restore -- ../greenroom-backup',
    );
  }
  const { createdAt } = await restore({
    source: path.resolve(folder),
    dataDirectory,
    databaseUrl: readSettings().databaseUrl,
  });
  console.log(
    `\n${green(
      'Restored',
    )} what there was at ${createdAt} into ${dataDirectory}\nStart it: npm start`,
  );
}

main().catch(fail);
