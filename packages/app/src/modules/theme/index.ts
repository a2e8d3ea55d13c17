export { themeModule } from './themeModule';
export { useMediaQuery } from './useMediaQuery';
