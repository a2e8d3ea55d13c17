import { appThemeApiRef, useApi } from '@backstage/frontend-plugin-api';
import { UnifiedThemeProvider } from '@backstage/theme';
import { type ReactNode, useMemo } from 'react';
import { useObservable } from 'react-use';
import { darkTheme, lightTheme } from './themes';
import { useMediaQuery } from './useMediaQuery';

/**
 * Gives the page its theme. Both themes have this one provider: with one each, React would build the
 * whole page anew at a change between them, and what somebody was typing would be gone.
 */
export function GreenroomTheme({ children }: { children: ReactNode }) {
  const themes = useApi(appThemeApiRef);
  const changes = useMemo(() => themes.activeThemeId$(), [themes]);
  const chosen = useObservable(changes, themes.getActiveThemeId());
  const prefersDark = useMediaQuery('(prefers-color-scheme: dark)');
  const isDark = chosen ? chosen === 'dark' : prefersDark;
  return (
    <UnifiedThemeProvider theme={isDark ? darkTheme : lightTheme}>
      {children}
    </UnifiedThemeProvider>
  );
}
