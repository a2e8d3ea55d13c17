import type { UnifiedThemeOptions } from '@backstage/theme';

export interface Surface {
  /** Of pages. */
  background: string;
  /** Of what lies on them. */
  paper: string;
  border: string;
  hover: string;
  text: string;
  textSecondary: string;
  /** Behind the words that a search found. */
  mark: string;
}

/**
 * Lets what is built with Material UI (catalog, documentation, search, templates, settings) look like
 * what is built with Backstage UI: lines instead of shadows, the same corners, sizes of titles and
 * tables, and words that are written as words.
 */
export function componentThemes(
  surface: Surface,
): UnifiedThemeOptions['components'] {
  const { background, paper, border, hover, text, textSecondary, mark } =
    surface;
  const line = `1px solid ${border}`;
  const raised = { boxShadow: 'none', border: line };
  const title = { fontSize: '1rem', fontWeight: 700, lineHeight: 1.4 };
  const small = { fontSize: '0.75rem', letterSpacing: 'normal' };
  return {
    MuiPaper: {
      styleOverrides: {
        root: { backgroundImage: 'none' },
        rounded: { borderRadius: 8 },
        elevation1: raised,
        elevation2: raised,
      },
    },
    MuiCardHeader: { styleOverrides: { title } },
    MuiButton: {
      styleOverrides: {
        root: { textTransform: 'none', borderRadius: 4, fontWeight: 700 },
        contained: { boxShadow: 'none' },
      },
    },
    MuiToggleButton: { styleOverrides: { root: { textTransform: 'none' } } },
    MuiTab: {
      styleOverrides: {
        root: {
          minHeight: 24,
          color: textSecondary,
          letterSpacing: 'normal',
          textTransform: 'none',
          '&:hover': { color: text, background: hover },
        },
      },
    },
    MuiTableRow: {
      styleOverrides: {
        hover: { '&:hover': { background: hover, cursor: 'pointer' } },
      },
    },
    MuiTableCell: {
      styleOverrides: {
        root: {
          margin: 0,
          padding: '12px 16px',
          borderBottom: line,
          lineHeight: 1.4,
          verticalAlign: 'top',
        },
        sizeSmall: { padding: '8px 16px' },
        head: { ...small, color: textSecondary, fontWeight: 400 },
      },
    },
    MuiChip: {
      styleOverrides: {
        root: {
          margin: '0 4px 4px 0',
          border: line,
          backgroundColor: background,
          color: text,
        },
        label: { fontSize: '0.75rem', lineHeight: 1.5 },
      },
    },
    MuiTypography: {
      // An eyebrow of capital letters is harder to read than the word.
      styleOverrides: { button: { textTransform: 'none' } },
    },
    MuiListItem: {
      styleOverrides: { root: { '&.Mui-selected': { background: hover } } },
    },
    BackstageTableHeader: {
      styleOverrides: {
        header: {
          ...small,
          padding: '8px 16px',
          borderTop: line,
          borderBottom: line,
          backgroundColor: paper,
          color: textSecondary,
          fontWeight: 400,
          textTransform: 'none',
          wordBreak: 'normal',
          overflowWrap: 'anywhere',
        },
      },
    },
    BackstageTableToolbar: {
      styleOverrides: {
        root: { padding: '12px 16px' },
        title: { '& > h2': title, ...title },
      },
    },
    BackstageInfoCard: { styleOverrides: { header: { padding: 16 } } },
    BackstageContentHeader: {
      styleOverrides: { title: { fontSize: '1.5rem' } },
    },
    BackstageHighlightedSearchResultText: {
      styleOverrides: {
        highlight: { backgroundColor: mark, color: 'inherit' },
      },
    },
    CatalogReactUserListPicker: {
      styleOverrides: {
        root: { backgroundColor: 'transparent', border: 0 },
        title: { textTransform: 'none', color: textSecondary, margin: 0 },
        groupWrapper: { margin: '4px 0 12px' },
        menuItem: { minHeight: 40 },
      },
    },
  } as UnifiedThemeOptions['components'];
}
