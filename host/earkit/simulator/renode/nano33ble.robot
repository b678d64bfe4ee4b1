*** Comments ***
The story of the board in Renode, as Renode's own users write one. With your image and sound (raw s16le, 16 kHz):
    renode-test --variable ELF:/path/firmware.elf --variable SOUNDS:/path nano33ble.robot
SOUNDS holds yes.raw, no.raw and noise.raw, each with a second of quiet before and two after the word;
--variable VECTORS:0x00010000 for images behind the bootloader.

*** Settings ***
Suite Setup         Setup
Suite Teardown      Teardown
Test Setup          Reset Emulation
Test Teardown       Test Teardown
Resource            ${RENODEKEYWORDS}

*** Variables ***
${VECTORS}          0x00000000
${SERIAL}           ${TEMPDIR}${/}earkit-serial.txt
${UART}             sysbus.uart0

*** Keywords ***
Start Board
    [Arguments]                 ${sound}
    Execute Command             $platform=@${CURDIR}/nano33ble.repl
    Execute Command             $elf=@${ELF}
    Execute Command             $sound=@${SOUNDS}/${sound}.raw
    Execute Command             $serial=@${SERIAL}
    Execute Command             $vectors=${VECTORS}
    Execute Command             include @${CURDIR}/nano33ble.resc
    Create Terminal Tester      ${UART}  timeout=6
    Execute Command             emulation RunFor "0.1"
    Start Emulation

*** Test Cases ***
Boots And Answers
    Start Board                 noise
    Write Line To Uart          hello 1  waitForEcho=false
    Wait For Line On Uart       "protocol":1

Hears Yes
    Start Board                 yes
    Wait For Line On Uart       Heard yes

Hears No
    Start Board                 no
    Wait For Line On Uart       Heard no

Is Quiet On Noise
    Start Board                 noise
    Should Not Be On Uart       Heard  timeout=5
