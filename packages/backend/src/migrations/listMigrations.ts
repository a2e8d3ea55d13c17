import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { existsSync, readdirSync } from 'node:fs';
import { dependencies } from '../../package.json';

/** All migrations of the packages that this control plane is made of, as `<package>/<file>`. */
export function listMigrations(
  packages: string[] = Object.keys(dependencies),
): string[] {
  return packages
    .flatMap(name => migrationsOf(name).map(file => `${name}/${file}`))
    .sort();
}

function migrationsOf(packageName: string): string[] {
  const folder = resolvePackagePath(packageName, 'migrations');
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    file => file.endsWith('.js'),
  );
}
