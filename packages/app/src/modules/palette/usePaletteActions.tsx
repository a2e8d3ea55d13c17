import {
  appThemeApiRef,
  identityApiRef,
  useApi,
  useRouteRef,
} from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import aiInferencePlugin from '@greenroom/plugin-ai-inference';
import { aiKeyCreatePermission } from '@greenroom/plugin-ai-inference-common';
import aiRegistryPlugin from '@greenroom/plugin-ai-registry';
import { aiModelCreatePermission } from '@greenroom/plugin-ai-registry-common';
import {
  RiAddLine,
  RiContrastLine,
  RiKey2Line,
  RiLogoutBoxRLine,
} from '@remixicon/react';
import type { PaletteEntry } from './paletteEntries';

/** What the person may do from anywhere. */
export function usePaletteActions(): PaletteEntry[] {
  const themes = useApi(appThemeApiRef);
  const identity = useApi(identityApiRef);
  const models = useRouteRef(aiRegistryPlugin.routes.models)?.();
  const keys = useRouteRef(aiInferencePlugin.routes.keys)?.();
  const mayRegister = usePermission({ permission: aiModelCreatePermission });
  const mayIssue = usePermission({ permission: aiKeyCreatePermission });
  const theme = (id: string | undefined, title: string): PaletteEntry => ({
    id: `theme-${id ?? 'auto'}`,
    group: 'Actions',
    title,
    keywords: 'theme appearance mode',
    icon: <RiContrastLine />,
    action: { run: () => themes.setActiveThemeId(id) },
  });
  return [
    ...(models !== undefined && mayRegister.allowed
      ? [
          {
            id: 'register-model',
            group: 'Actions' as const,
            title: 'Register a model',
            keywords: 'new create add',
            icon: <RiAddLine />,
            action: { href: `${models}?register` },
          },
        ]
      : []),
    ...(keys !== undefined && mayIssue.allowed
      ? [
          {
            id: 'issue-key',
            group: 'Actions' as const,
            title: 'Issue a key to call models',
            keywords: 'new create add token',
            icon: <RiKey2Line />,
            action: { href: keys },
          },
        ]
      : []),
    theme('light', 'Use the light theme'),
    theme('dark', 'Use the dark theme'),
    theme(undefined, 'Use the theme of the system'),
    {
      id: 'sign-out',
      group: 'Actions',
      title: 'Sign out',
      keywords: 'leave log out',
      icon: <RiLogoutBoxRLine />,
      action: { run: () => void identity.signOut() },
    },
  ];
}
