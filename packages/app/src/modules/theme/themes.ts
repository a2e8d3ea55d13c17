import { createUnifiedTheme, genPageTheme, palettes } from '@backstage/theme';
import { componentThemes, type Surface } from './componentThemes';

// These reach the pages that are not built with Backstage UI; tokens.css holds the same colours for those that are.

const fontFamily =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif';

const navigation = {
  background: '#0c1f18',
  indicator: '#4fd6a0',
  color: '#b4c7be',
  selectedColor: '#ffffff',
  navItem: { hoverBackground: '#1a3a2c' },
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

const light: Surface = {
  background: '#f4f7f5',
  paper: '#ffffff',
  border: '#dde5e0',
  hover: '#eef3f0',
  text: '#000000',
  textSecondary: '#56635c',
  mark: '#cdeedd',
};

const dark: Surface = {
  background: '#101613',
  paper: '#18201c',
  border: '#2f3c35',
  hover: '#202a25',
  text: '#ffffff',
  textSecondary: '#a3b5ac',
  mark: '#1d4a38',
};

/** What Backstage's palette knows by names of its own. */
const paletteOf = (surface: Surface) => ({
  background: { default: surface.background, paper: surface.paper },
  text: { primary: surface.text, secondary: surface.textSecondary },
  textSubtle: surface.textSecondary,
  divider: surface.border,
  border: surface.border,
});

export const lightTheme = createUnifiedTheme({
  fontFamily,
  palette: {
    ...palettes.light,
    ...paletteOf(light),
    primary: { main: '#0f7a56' },
    secondary: { main: '#1f6fd6' },
    link: '#0b6b4b',
    linkHover: '#084d36',
    navigation,
  },
  pageTheme: flatHeader(light.background, light.text),
  components: componentThemes(light),
});

export const darkTheme = createUnifiedTheme({
  fontFamily,
  palette: {
    ...palettes.dark,
    ...paletteOf(dark),
    primary: { main: '#4fd6a0' },
    secondary: { main: '#6cb0ff' },
    link: '#6fe3b4',
    linkHover: '#a3f0d1',
    navigation,
  },
  pageTheme: flatHeader(dark.background, dark.text),
  components: componentThemes(dark),
});
