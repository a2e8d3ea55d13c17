import { createApp } from '@backstage/frontend-defaults';
import catalogPlugin from '@backstage/plugin-catalog/alpha';
import { homeModule } from './modules/home';
import { searchModule } from './modules/search';
import { shellModule } from './modules/shell';
import { signInModule } from './modules/signIn';
import { themeModule } from './modules/theme';

// Every other plugin among the dependencies is found by itself; see `app.packages` in app-config.yaml.
export default createApp({
  features: [
    catalogPlugin,
    shellModule,
    homeModule,
    searchModule,
    signInModule,
    themeModule,
  ],
});
