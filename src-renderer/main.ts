/** The window's first step: styles, then the one component that holds all others. */
import './styles.css'
import { mount } from 'svelte'
import App from './App.svelte'
import { textLanguage } from './texts.ts'

const target = document.getElementById('app')
if (!target) throw new Error('index.html has no #app')
document.documentElement.lang = textLanguage
// The way around as it was drawn into the page: the program's own comes in the same frame.
target.replaceChildren()
mount(App, { target })
