; The installer for Windows, for one user, without administrator rights. build/package.sh passes VERSION and SOURCE.
Target amd64-unicode
Unicode true
!include MUI2.nsh
!include FileFunc.nsh

Name "Background Agents"
OutFile "${SOURCE}\background-agents-${VERSION}-windows-amd64.exe"
InstallDir "$LOCALAPPDATA\Programs\Background Agents"
RequestExecutionLevel user
SetCompressor /SOLID lzma
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\Background Agents"
!define MUI_ICON "icon.ico"
!define MUI_FINISHPAGE_RUN "$INSTDIR\background-agents.exe"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE English

Section
  SetOutPath "$INSTDIR"
  File "${SOURCE}\background-agents.exe"
  File "${SOURCE}\bga.exe"
  File "${SOURCE}\LICENSE.txt"
  File "${SOURCE}\THIRD-PARTY-LICENSES.txt"
  File "${WEBVIEW}"
  ; The web view is part of Windows 11; where it is missing its own installer gets it.
  ReadRegStr $0 HKLM "SOFTWARE\WOW6432Node\Microsoft\EdgeUpdate\Clients\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}" "pv"
  ReadRegStr $1 HKCU "Software\Microsoft\EdgeUpdate\Clients\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}" "pv"
  StrCmp "$0$1" "" 0 +2
  ExecWait '"$INSTDIR\MicrosoftEdgeWebview2Setup.exe" /silent /install'
  CreateShortcut "$SMPROGRAMS\Background Agents.lnk" "$INSTDIR\background-agents.exe"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "Background Agents"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\background-agents.exe"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
SectionEnd

Section Uninstall
  Delete "$SMPROGRAMS\Background Agents.lnk"
  Delete "$INSTDIR\background-agents.exe"
  Delete "$INSTDIR\bga.exe"
  Delete "$INSTDIR\LICENSE.txt"
  Delete "$INSTDIR\THIRD-PARTY-LICENSES.txt"
  Delete "$INSTDIR\MicrosoftEdgeWebview2Setup.exe"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  DeleteRegKey HKCU "${UNINSTALL}"
SectionEnd
