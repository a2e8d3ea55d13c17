import { listMigrations } from './listMigrations';

describe('listMigrations', () => {
  it('knows those of our plugins, of others, and of what all plugins use', () => {
    expect(listMigrations()).toEqual(
      expect.arrayContaining([
        '@backstage/backend-defaults/scheduler/20210928160613_init.js',
        '@backstage/plugin-catalog-backend/20200511113813_init.js',
        '@greenroom/plugin-ai-registry-backend/20261101_registry.js',
      ]),
    );
  });

  it('knows none of a package that has none', () => {
    expect(listMigrations(['@backstage/config'])).toEqual([]);
  });
});
