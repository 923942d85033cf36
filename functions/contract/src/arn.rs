//! ARNs, derived from the function's own so that they are right in every partition.

use crate::StepError;

/// The ARN under which a function was invoked: `arn:{partition}:lambda:{region}:{account}:function:{name}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionArn {
    partition: String,
    region: String,
    account: String,
}

impl FunctionArn {
    /// Reads the partition, region and account out of the ARN of a function, its version or its alias.
    ///
    /// # Errors
    /// [`StepError::Unexpected`] when the text is anything else.
    pub fn parse(arn: &str) -> Result<Self, StepError> {
        match *arn.split(':').collect::<Vec<_>>() {
            ["arn", partition, "lambda", region, account, "function", name, ..]
                if [partition, region, account, name].iter().all(|part| !part.is_empty()) =>
            {
                let [partition, region, account] = [partition, region, account].map(str::to_owned);
                Ok(Self { partition, region, account })
            }
            _ => Err(StepError::unexpected(format!("{arn:?} is not the ARN of a Lambda function"))),
        }
    }

    /// The ARN of the dataset group of that name beside this function. The name is the key of a dataset group, so
    /// the ARN of one that exists already can be built (Service Authorization Reference, Amazon Personalize).
    #[must_use]
    pub fn dataset_group(&self, name: &str) -> String {
        let Self { partition, region, account } = self;
        format!("arn:{partition}:personalize:{region}:{account}:dataset-group/{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dataset_group_lies_in_the_partition_region_and_account_of_the_function() {
        let function = "arn:aws-cn:lambda:cn-north-1:123456789012:function:poll-status:live";
        assert_eq!(
            FunctionArn::parse(function).map(|arn| arn.dataset_group("media")),
            Ok("arn:aws-cn:personalize:cn-north-1:123456789012:dataset-group/media".to_owned())
        );
    }

    #[test]
    fn what_is_not_the_arn_of_a_function_is_refused() {
        let layer = "arn:aws:lambda:us-east-1:123456789012:layer:x";
        for text in ["", "poll-status", "arn:aws:s3:::bucket", layer, "arn::lambda:::function:"] {
            let refusal = StepError::unexpected(format!("{text:?} is not the ARN of a Lambda function"));
            assert_eq!(FunctionArn::parse(text), Err(refusal));
        }
    }
}
