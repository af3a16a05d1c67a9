export { type ModuleKind, type ModuleName, type ModuleSize, moduleGraph, modules } from './modules.ts';
