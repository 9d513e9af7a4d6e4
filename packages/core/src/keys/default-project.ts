/** The project that everything belongs to until there are more. The first migration creates its row. */
export const defaultProjectId = 'default';
