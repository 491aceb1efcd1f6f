export { DEBIAN } from './debian.ts';
export { ensureImage, type ImageRecipe, isCurrent } from './image.ts';
export { KUBERNETES } from './kubernetes.ts';
