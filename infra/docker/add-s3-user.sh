#!/bin/sh
# Gives MinIO the key that the services work with. It opens their buckets and nothing else, and cannot remove a bucket.
# Run again it takes over what the settings say now, so a new secret in .env is enough to change it.
set -eu

as_operator() { MC_HOST_house="http://$MINIO_ROOT_USER:$MINIO_ROOT_PASSWORD@minio:9000" mc --quiet "$@"; }

cat >/tmp/policy.json <<POLICY
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [
        "s3:CreateBucket", "s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads",
        "s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy",
        "s3:GetLifecycleConfiguration", "s3:PutLifecycleConfiguration",
        "s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"
      ],
      "Resource": [
        "arn:aws:s3:::$S3_BUCKET", "arn:aws:s3:::$S3_BUCKET/*",
        "arn:aws:s3:::${S3_MEDIA_BUCKET:-$S3_BUCKET}", "arn:aws:s3:::${S3_MEDIA_BUCKET:-$S3_BUCKET}/*"
      ]
    }
  ]
}
POLICY

as_operator admin policy create house projectionist /tmp/policy.json
as_operator admin user add house "$S3_ACCESS_KEY_ID" "$S3_SECRET_ACCESS_KEY"
# Attaching it twice is an error. (The image has no grep.)
case "$(as_operator admin user info house "$S3_ACCESS_KEY_ID" --json)" in
  *'"policyName":"projectionist"'* | *'"policyName": "projectionist"'*) ;;
  *) as_operator admin policy attach house projectionist --user "$S3_ACCESS_KEY_ID" ;;
esac
