/** The name in Cache Storage under which models are kept: what shows or clears them asks for it. */
export const modelCacheName = 'atrous';
