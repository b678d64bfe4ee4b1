from earshot.commands import main

main()
