import {
  coreExtensionData,
  createExtension,
  createExtensionInput,
  createFrontendModule,
  PageLayout,
} from '@backstage/frontend-plugin-api';
import {
  NavContentBlueprint,
  SwappableComponentBlueprint,
} from '@backstage/plugin-app-react';
import { Navigation } from './Navigation';
import { PageHeader } from './PageHeader';
import { ShellLayout } from './ShellLayout';

/** Takes the place of Backstage's own layout, which has neither a main landmark nor a way past the navigation. */
const layout = createExtension({
  name: 'layout',
  attachTo: { id: 'app/root', input: 'children' },
  inputs: {
    nav: createExtensionInput([coreExtensionData.reactElement], {
      singleton: true,
    }),
    content: createExtensionInput([coreExtensionData.reactElement], {
      singleton: true,
    }),
  },
  output: [coreExtensionData.reactElement],
  factory: ({ inputs }) => [
    coreExtensionData.reactElement(
      <ShellLayout
        navigation={inputs.nav.get(coreExtensionData.reactElement)}
        content={inputs.content.get(coreExtensionData.reactElement)}
      />,
    ),
  ],
});

const navigation = NavContentBlueprint.make({
  params: { component: Navigation },
});

const pageLayout = SwappableComponentBlueprint.make({
  name: 'core-page-layout',
  params: define => define({ component: PageLayout, loader: () => PageHeader }),
});

/** What is around every page: navigation, page headers, and the way past them. */
export const shellModule = createFrontendModule({
  pluginId: 'app',
  extensions: [layout, navigation, pageLayout],
});
