export { LogoFull, LogoMark } from './Logo';
