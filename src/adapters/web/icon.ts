/** src/adapters/web/icon.ts: the favicon. Kept as a string, since the build copies nothing but compiled TypeScript. */
export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="16" fill="#14724b"/><g fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round"><path d="M8 16.5l4.2 4.3 7.3-9"/><path d="M14.6 20.6l.9.9 8.5-10.3"/></g></svg>
`;
