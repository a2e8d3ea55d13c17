export * from './NoticeQueue';
export * from './NoticeSender';
export { createNoticesTable, dropNoticesTable } from './tables';
