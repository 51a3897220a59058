using Governance.Client;
using Governance.Client.Contracts;
using Governance.Ledger;

namespace Governance.Cli.Shell;

/// <summary>Turns whatever went wrong into one line, a hint and an exit code. Never a stack trace.</summary>
internal static class Failures
{
    public static int Report(Exception exception, Output output, CancellationToken cancellationToken)
    {
        switch (exception)
        {
            case OperationCanceledException when cancellationToken.IsCancellationRequested:
                output.Note("Interrupted.");
                return ExitCodes.Cancelled;
            case GovernanceException refused:
                output.Failure(refused.Problem, Hint(refused.Problem));
                return ExitCodes.Of(refused);
            case CliException foreseen:
                output.Failure(Local(foreseen.ExitCode, foreseen.Message), foreseen.Hint);
                return foreseen.ExitCode;
            case LedgerDamagedException damaged:
                output.Failure(Local(ExitCodes.VerificationFailed, damaged.Message), "Nothing was changed. What else is wrong: gov ledger fsck PLACE");
                return ExitCodes.VerificationFailed;
            case LedgerLockedException locked:
                output.Failure(Local(ExitCodes.Conflict, locked.Message));
                return ExitCodes.Conflict;
            case LedgerUnavailableException unavailable:
                output.Failure(Local(ExitCodes.Unavailable, unavailable.Message));
                return ExitCodes.Unavailable;
            case FileNotFoundException or DirectoryNotFoundException:
                output.Failure(Local(ExitCodes.NotFound, exception.Message));
                return ExitCodes.NotFound;
            case IOException or UnauthorizedAccessException:
                output.Failure(Local(ExitCodes.Unexpected, exception.Message), "Check the path, its permissions and the free space.");
                return ExitCodes.Unexpected;
            default:
                output.Failure(Local(ExitCodes.Unexpected, $"Unexpected: {exception.GetType().Name}: {exception.Message}"), "This is a fault of gov. Please report it with the command line.");
                return ExitCodes.Unexpected;
        }
    }

    private static string? Hint(Problem problem) => problem switch
    {
        { Gate: not null } => "Each rule and what would mend it: gov version gate MODEL VERSION",
        { Status: 401 } => "Give a token in $GOV_TOKEN, or with a gateway in Development: --as dana",
        { Code: "gateway-unreachable" } => "Start it with ./run, or say where it is: --url ADDRESS",
        { Code: "binding-changed" } => "Look again: gov version show MODEL VERSION",
        _ => null,
    };

    private static Problem Local(int exitCode, string message) => new()
    {
        Type = "urn:governance:problem:cli",
        Title = ExitCodes.All.First(c => c.Code == exitCode).Meaning,
        Status = 0,
        Detail = message,
        Code = "cli",
    };
}
