import {
  ApiBlueprint,
  createFrontendModule,
} from '@backstage/frontend-plugin-api';
import { searchApi } from '@backstage/plugin-search/alpha';
import type { SearchApi } from '@backstage/plugin-search-react';
import { modelsFirst } from './modelsFirst';

const api = searchApi.override({
  *factory(originalFactory) {
    const original = originalFactory().get(ApiBlueprint.dataRefs.factory);
    yield ApiBlueprint.dataRefs.factory({
      ...original,
      factory: deps => modelsFirst(original.factory(deps) as SearchApi),
    });
  },
});

/** The portal's search, with models before documents. */
export const searchModule = createFrontendModule({
  pluginId: 'search',
  extensions: [api],
});
