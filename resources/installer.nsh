; Windows has no file association for folders: Kith goes into their context menu instead.
!macro customInstall
  WriteRegStr HKCU "Software\Classes\Directory\shell\Kith" "" "Find faces with Kith"
  WriteRegStr HKCU "Software\Classes\Directory\shell\Kith" "Icon" "$INSTDIR\${APP_EXECUTABLE_FILENAME}"
  WriteRegStr HKCU "Software\Classes\Directory\shell\Kith\command" "" '"$INSTDIR\${APP_EXECUTABLE_FILENAME}" "%1"'
!macroend

!macro customUnInstall
  DeleteRegKey HKCU "Software\Classes\Directory\shell\Kith"
!macroend
