import { createUnifiedTheme, genPageTheme, palettes } from '@backstage/theme';

// These reach the pages that are not built with Backstage UI; tokens.css holds the same colours for those that are.

const fontFamily =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif';

const navigation = {
  background: '#0c1f18',
  indicator: '#4fd6a0',
  color: '#b4c7be',
  selectedColor: '#ffffff',
  navItem: { hoverBackground: '#173528' },
  submenu: { background: '#122a20' },
};

const flatHeader = (background: string, fontColor: string) => {
  const theme = genPageTheme({
    colors: [background, background],
    shape: 'none',
    options: { fontColor },
  });
  return Object.fromEntries(
    [
      'home',
      'documentation',
      'tool',
      'service',
      'website',
      'library',
      'other',
      'app',
      'apis',
      'card',
    ].map(name => [name, theme]),
  );
};

export const lightTheme = createUnifiedTheme({
  fontFamily,
  palette: {
    ...palettes.light,
    primary: { main: '#0f7a56' },
    secondary: { main: '#1f6fd6' },
    background: { default: '#f4f7f5', paper: '#ffffff' },
    link: '#0b6b4b',
    linkHover: '#084d36',
    navigation,
  },
  pageTheme: flatHeader('#0f3d2c', '#ffffff'),
});

export const darkTheme = createUnifiedTheme({
  fontFamily,
  palette: {
    ...palettes.dark,
    primary: { main: '#4fd6a0' },
    secondary: { main: '#6cb0ff' },
    background: { default: '#101613', paper: '#18201c' },
    link: '#6fe3b4',
    linkHover: '#a3f0d1',
    navigation,
  },
  pageTheme: flatHeader('#0c1f18', '#e8f5ee'),
});
