using Governance.Cli.Shell;
using Governance.Data.Cases;

namespace Governance.Cli.Demo.Lenders;

/// <summary>A lender made of a folder of real data and models (<see cref="ReferenceCase"/>).</summary>
internal static class CaseLender
{
    /// <param name="models">Folder for a model that is trained here, when the case's own read protected attributes.</param>
    public static async Task<Lender> LoadAsync(string folder, string models, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(folder))
        {
            throw CliException.NotFound($"There is no folder {folder}.");
        }

        try
        {
            var material = await ReferenceCase.LoadAsync(folder, cancellationToken);
            var training = new TrainingData("train", material.Train);
            var lender = new Lender
            {
                Id = Word(material.Name),
                Title = material.Title,
                Use = $"Decides applications on the data of the reference case '{material.Title}'",
                Evaluation = material.Test,
                Schema = material.Schema,
                ReferenceGroups = material.ReferenceGroups,
                FavourablePrediction = material.FavourablePrediction,
                Threshold = material.Threshold,
                Models = [.. material.Models.Select(m => new LenderModel(
                    m.Name, m.Path, material.Features, training, material.ReferenceScores.TryGetValue(m.Name, out var scores) ? scores : default))],
            };
            return await Retraining.MakeAsync(lender, models, cancellationToken) is { } retrained ? lender with { Models = [.. lender.Models, retrained] } : lender;
        }
        catch (InvalidDataException e)
        {
            throw CliException.Invalid(e.Message, "A case is a folder with case.json, features.json, train.csv, test.csv, scores_test.csv and models/*.onnx.");
        }
    }

    private static string Word(string name) => string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant() is { Length: > 0 } word ? word[..Math.Min(word.Length, 20)] : "lender";
}
